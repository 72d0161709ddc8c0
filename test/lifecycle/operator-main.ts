/**
 * The operator as a process of its own, on a clock that runs faster than the wall's:
 * node test/lifecycle/operator-main.ts KUBECONFIG SCALE EPOCH, and LIVECHANNEL_* as ever.
 */
import { pino } from 'pino';
import { startOperator } from '../../src/operator/operator.ts';
import { operatorSettingsSchema } from '../../src/operator/settings.ts';
import { terminationSignal } from '../../src/kube/termination.ts';
import { scaledClock } from '../fixtures/clouds/scaled-clock.ts';

// Whoever started it holds the other end: should that one be killed, this one goes, too.
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
