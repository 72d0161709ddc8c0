import { createServer, connect as dial, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, to do what networks do. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections ever opened, and open now. */
  readonly opened: number;
  readonly open: number;
  /** Resets every connection; new ones are served. */
  reset(): void;
  /** Resets every connection and refuses new ones, until `mend`. */
  cut(): void;
  /** Keeps connections open and lets nothing through, as a dead NAT does; new ones are served. */
  stall(): void;
  mend(): void;
}

export async function startTcpProxy(target: URL): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { refusing: false, opened: 0 };
  const server = createServer((socket) => {
    if (state.refusing) {
      socket.resetAndDestroy();
      return;
    }
    state.opened += 1;
    const upstream = dial(Number(target.port), target.hostname);
    const pair = [socket, upstream] as const;
    pairs.add(pair);
    socket.pipe(upstream).pipe(socket);
    for (const end of pair) {
      end.on('error', () => undefined);
      end.on('close', () => {
        pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listens on TCP
  const proxy: TcpProxy = {
    port,
    get opened() {
      return state.opened;
    },
    get open() {
      return pairs.size;
    },
    reset() {
      for (const [socket, upstream] of [...pairs]) {
        socket.resetAndDestroy();
        upstream.destroy();
      }
    },
    cut() {
      state.refusing = true;
      proxy.reset();
    },
    stall() {
      for (const [socket, upstream] of pairs) {
        socket.unpipe(upstream);
        upstream.unpipe(socket);
      }
    },
    mend() {
      state.refusing = false;
    },
    async [Symbol.asyncDispose]() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
