import { z } from 'zod';

/**
 * Development dependencies whose code is in the images nevertheless: the Agora SDK in the relay's page, the player of
 * the origin and of the embed page, which React renders, the page that shows the OpenAPI document, and the WebRTC library
 * of the demo's local Agora edge.
 */
export const bundledDevelopmentPackages = [
  'agora-rtc-sdk-ng',
  'hls.js',
  'react',
  'react-dom',
  '@fastify/swagger-ui',
  'werift',
] as const;

const componentSchema = z.looseObject({ 'bom-ref': z.string(), name: z.string() });
const bomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: componentSchema }),
  components: z.array(componentSchema),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
const packageSchema = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * The CycloneDX document of `npm sbom`, reduced to what is shipped: the dependencies in package.json and the bundled
 * development packages, with everything that they depend on. npm names the project after its folder; here it is the
 * name in package.json.
 */
export function billOfMaterials(npmSbom: string, packageJson: string): string {
  const bom = bomSchema.parse(JSON.parse(npmSbom));
  const project = packageSchema.parse(JSON.parse(packageJson));
  const root = bom.metadata.component;
  const shippedNames = new Set<string>([
    ...Object.keys(project.dependencies),
    ...Object.keys(project.optionalDependencies),
    ...bundledDevelopmentPackages,
  ]);
  const nameOf = new Map(bom.components.map((component) => [component['bom-ref'], component.name]));
  const dependsOn = new Map(bom.dependencies.map((entry) => [entry.ref, entry.dependsOn]));
  const direct = (dependsOn.get(root['bom-ref']) ?? []).filter((ref) =>
    shippedNames.has(nameOf.get(ref) ?? ''),
  );
  const shipped = closure(direct, dependsOn);
  return `${JSON.stringify(
    {
      ...bom,
      metadata: { ...bom.metadata, component: { ...root, name: project.name } },
      components: bom.components.filter((component) => shipped.has(component['bom-ref'])),
      dependencies: bom.dependencies
        .filter(({ ref }) => ref === root['bom-ref'] || shipped.has(ref))
        .map((entry) => (entry.ref === root['bom-ref'] ? { ...entry, dependsOn: direct } : entry)),
    },
    undefined,
    2,
  )}\n`;
}

function closure(
  from: readonly string[],
  dependsOn: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (reached.has(ref)) continue;
    reached.add(ref);
    open.push(...(dependsOn.get(ref) ?? []));
  }
  return reached;
}
