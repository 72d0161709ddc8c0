/**
 * The operator as a separate process, on a clock that runs faster than the wall clock:
 * node test/lifecycle/operator-main.ts KUBECONFIG SCALE EPOCH, with the usual LIVECHANNEL_* variables.
 */
import { pino } from 'pino';
import { startOperator } from '../../src/operator/operator.ts';
import { operatorSettingsSchema } from '../../src/operator/settings.ts';
import { terminationSignal } from '../../src/kube/termination.ts';
import { scaledClock } from '../fixtures/clouds/scaled-clock.ts';

// The parent process holds the other end: when the parent is killed, this process exits too.
process.stdin.on('end', () => process.exit(1)).resume();
process.stdin.unref();

const [kubeconfigPath = '', scale = '1', epoch = ''] = process.argv.slice(2);
await startOperator({
  settings: operatorSettingsSchema.parse(process.env),
  logger: pino({ level: 'info', base: {} }),
  identity: 'operator-under-test',
  signal: terminationSignal(),
  kubeconfigPath,
  clock: scaledClock({ factor: Number(scale), epoch: new Date(epoch) }),
});
