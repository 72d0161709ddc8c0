/** "$12.05"; amounts below a cent as they are, so that they are not called nothing. */
export function dollars(microDollars: number): string {
  const amount = microDollars / 1_000_000;
  return `$${amount > 0 && amount < 0.01 ? amount.toFixed(4) : amount.toFixed(2)}`;
}
