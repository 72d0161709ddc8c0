import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate and its private key, as PEM files. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The subject of a certificate. Kubernetes reads the name as user and the organization as group. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  /** Of the form `IP:10.96.0.1` or `DNS:localhost`. */
  readonly alternativeNames?: readonly string[];
}

// P-256 everywhere: a key is generated in milliseconds, an RSA key takes most of a second.
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650'];

/** A certificate authority in a folder. */
export class Authority {
  readonly #folder: string;
  readonly pair: KeyPair;

  private constructor(folder: string, pair: KeyPair) {
    this.#folder = folder;
    this.pair = pair;
  }

  /** Creates a new authority; its files are FOLDER/ca.crt and FOLDER/ca.key. */
  static async create(folder: string, commonName: string): Promise<Authority> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const pair = pairIn(folder, 'ca');
    await openssl('req', '-x509', ...newKey, '-subj', `/CN=${commonName}`, ...output(pair));
    return new Authority(folder, pair);
  }

  /** The authority that `create` has created in that folder. */
  static open(folder: string): Authority {
    return new Authority(folder, pairIn(folder, 'ca'));
  }

  /** Issues FOLDER/NAME.crt and .key, valid for servers and clients. */
  async issue(name: string, subject: Subject): Promise<KeyPair> {
    const pair = pairIn(this.#folder, name);
    const organization = subject.organization === undefined ? '' : `/O=${subject.organization}`;
    const extensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature',
      'extendedKeyUsage=serverAuth,clientAuth',
      ...(subject.alternativeNames === undefined
        ? []
        : [`subjectAltName=${subject.alternativeNames.join(',')}`]),
    ];
    await openssl(
      'req',
      '-x509',
      ...['-CA', this.pair.certificate, '-CAkey', this.pair.key],
      ...newKey,
      ...['-subj', `${organization}/CN=${subject.commonName}`],
      ...extensions.flatMap((extension) => ['-addext', extension]),
      ...output(pair),
    );
    return pair;
  }
}

/** Creates the key that service account tokens are signed with. Returns the file of the private key. */
export async function createServiceAccountKey(folder: string): Promise<string> {
  const file = join(folder, 'service-account.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // SEC 1, because the API server derives the public key from this form only.
  await writeFile(file, privateKey.export({ format: 'pem', type: 'sec1' }), { mode: 0o600 });
  return file;
}

/** The text of a kubeconfig (JSON is YAML) that contains its certificates and needs no other file. */
export async function kubeconfigText(url: string, authority: KeyPair, client: KeyPair): Promise<string> {
  const base64 = async (file: string) => (await readFile(file)).toString('base64');
  const name = 'livechannel';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: { server: url, 'certificate-authority-data': await base64(authority.certificate) },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': await base64(client.certificate),
          'client-key-data': await base64(client.key),
        },
      },
    ],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function pairIn(folder: string, name: string): KeyPair {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function output(pair: KeyPair): string[] {
  return ['-out', pair.certificate, '-keyout', pair.key];
}

async function openssl(...args: string[]): Promise<void> {
  try {
    await run('openssl', args);
  } catch (cause) {
    throw new Error(`openssl ${args[0] ?? ''} failed. OpenSSL 3.0 or later is required: ${String(cause)}`, {
      cause,
    });
  }
}
