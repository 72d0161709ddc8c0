import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTool } from '../tools/build.ts';
import type { Report } from '../tools/report.ts';
import { foldersFrom } from '../tools/folders.ts';
import {
  apiGet,
  apiServerArguments,
  controllerManagerArguments,
  createControlPlaneFiles,
  etcdArguments,
} from './api-server.ts';
import { freePorts } from './free-ports.ts';
import { kubeconfigText, type Subject } from './pki.ts';
import { Program } from './program.ts';
import { waitUntil } from './wait-until.ts';

const readyWithinMs = 60_000;

export interface ControlPlaneOptions {
  /** Where everything is stored. Default: a new folder in the system's temporary folder. Removed by stop(). */
  readonly folder?: string;
  /**
   * Also run kube-controller-manager: garbage collection of owned objects,
   * namespace deletion, default service accounts. Default: true.
   */
  readonly controllerManager?: boolean;
  /** More arguments of kube-apiserver, e.g. an audit policy. */
  readonly apiServerArguments?: readonly string[];
  /** Called with progress while a tool is built first. */
  readonly report?: Report;
}

/**
 * A real API server without nodes: objects are stored, validated, watched and garbage collected as in any cluster. Pods
 * stay Pending until a test changes that.
 */
export interface ControlPlane extends AsyncDisposable {
  /** A kubeconfig of a user who may do everything. */
  readonly kubeconfigPath: string;
  /** https://127.0.0.1:PORT; the same after a restart. */
  readonly url: string;
  /** Issues a kubeconfig of another user (organization = group), to test RBAC. Returns its path. */
  issueKubeconfig(name: string, subject: Subject): Promise<string>;
  /** Kills the API server, like a crash: every watch breaks, connections are refused. */
  killApiServer(): Promise<void>;
  /** Starts it again on the same port. Resolves when it is ready. Stored objects are kept. */
  startApiServer(): Promise<void>;
  /** Stops the API server from answering while its connections stay open (SIGSTOP). */
  freezeApiServer(): void;
  /** Ends a freeze. */
  thawApiServer(): void;
  /** Stops everything and removes the folder. */
  stop(): Promise<void>;
}

/** Starts etcd, kube-apiserver and kube-controller-manager on free ports of the loopback. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { controllerManager = true, report = (line) => process.stderr.write(`${line}\n`) } = options;
  const folders = foldersFrom(process.env);
  const etcdPath = await ensureTool(folders, 'etcd', report);
  const kubernetes = (program: string) => ensureTool(folders, 'kubernetes', report, program);

  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'livechannel-control-plane-')));
  await mkdir(folder, { recursive: true });
  const running: Program[] = [];
  const start = async (name: string, path: string, args: readonly string[]) => {
    const options = { outlivesUs: false };
    const program = await Program.start(name, [path, ...args], join(folder, `${name}.log`), options);
    running.push(program);
    return program;
  };
  const stop = async () => {
    await Promise.all(running.map((program) => program.kill()));
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
    const url = `https://127.0.0.1:${String(port)}`;
    const files = await createControlPlaneFiles(folder, '127.0.0.1');
    const etcd = await start('etcd', etcdPath, etcdArguments(files, folder, etcdPort, peerPort));

    const issueKubeconfig = async (name: string, subject: Subject) => {
      const client = await files.authority.issue(name, subject);
      return writeKubeconfig(folder, name, await kubeconfigText(url, files.authority.pair, client));
    };
    const kubeconfigPath = await writeKubeconfig(
      folder,
      'admin',
      await kubeconfigText(url, files.authority.pair, files.admin),
    );

    const apiServerPath = await kubernetes('kube-apiserver');
    const disabled = controllerManager ? [] : ['--disable-admission-plugins=ServiceAccount'];
    const startApiServer = async () => {
      const program = await start(
        'kube-apiserver',
        apiServerPath,
        apiServerArguments(files, {
          address: '127.0.0.1',
          port,
          etcdPort,
          extraArguments: [...disabled, ...(options.apiServerArguments ?? [])],
        }),
      );
      await waitUntil('the API server is ready', readyWithinMs, async () => {
        await etcd.check();
        await program.check();
        return (await apiGet(url, files, '/readyz')) === 'ok' ? true : undefined;
      });
      return program;
    };
    let apiServer = await startApiServer();

    if (controllerManager) {
      const kubeconfig = await issueKubeconfig('kube-controller-manager', {
        commonName: 'system:kube-controller-manager',
      });
      await start('kube-controller-manager', await kubernetes('kube-controller-manager'), [
        ...controllerManagerArguments(files, kubeconfig),
      ]);
      // A pod is refused until its namespace has this account, so a test must not begin before.
      await waitUntil('the default service account', readyWithinMs, () =>
        apiGet(url, files, '/api/v1/namespaces/default/serviceaccounts/default'),
      );
    }

    return {
      kubeconfigPath,
      url,
      issueKubeconfig,
      killApiServer: () => apiServer.kill(),
      startApiServer: async () => {
        await apiServer.kill();
        apiServer = await startApiServer();
      },
      freezeApiServer: () => {
        apiServer.signal('SIGSTOP');
      },
      thawApiServer: () => {
        apiServer.signal('SIGCONT');
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeKubeconfig(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.kubeconfig`);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
