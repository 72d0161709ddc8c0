/** Formats micro-dollars as "$12.05"; amounts below a cent have four places, so that they do not show as $0.00. */
export function dollars(microDollars: number): string {
  const amount = microDollars / 1_000_000;
  return `$${amount > 0 && amount < 0.01 ? amount.toFixed(4) : amount.toFixed(2)}`;
}
