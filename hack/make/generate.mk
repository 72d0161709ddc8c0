##@ Generated files
.PHONY: generate verify-generated
generate: $(NODE_MODULES) ## Write the generated files: CRDs, tables and schema of the chart, reference pages, diagrams, manifests/install.yaml
	@node hack/generate/main.ts

verify-generated: $(NODE_MODULES) ## Fail with a diff when a generated file is stale, manifests/install.yaml excepted
	@node hack/generate/main.ts --check
