import type { MicroDollars } from '../../costs/price-book.ts';

/** An amount as a decimal string of US dollars, exact to a millionth. */
export function usd(amount: MicroDollars): string {
  const whole = Math.round(amount);
  const digits = String(Math.abs(whole)).padStart(7, '0');
  return `${whole < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
