import { readFileSync } from 'node:fs';
import type net from 'node:net';
import { errorText } from '../../base/error-text.ts';

/**
 * Number of bytes of a TCP connection that the peer's kernel has not acknowledged, including those not yet sent.
 * undefined on systems other than Linux, and when the connection no longer exists.
 */
export function unacknowledgedBytes({ localPort, remotePort, remoteFamily }: net.Socket): number | undefined {
  if (localPort === undefined || remotePort === undefined) return undefined;
  try {
    const table = readFileSync(
      remoteFamily === 'IPv6' ? '/proc/self/net/tcp6' : '/proc/self/net/tcp',
      'latin1',
    );
    return sendQueue(table, localPort, remotePort);
  } catch (error) {
    if (errorText(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads the send queue from the kernel's table: `sl local_address rem_address st tx_queue:rx_queue ...`, all
 * hexadecimal (proc_net_tcp).
 */
export function sendQueue(table: string, localPort: number, remotePort: number): number | undefined {
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
    if (portOf(local) === localPort && portOf(remote) === remotePort) {
      return Number.parseInt(queues.split(':')[0] ?? '', 16);
    }
  }
  return undefined;
}

const portOf = (address: string): number => Number.parseInt(address.split(':')[1] ?? '', 16);
