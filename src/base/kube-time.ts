/** Formats a metav1.Time: RFC 3339 to the second, because fractions would differ from what the API server returns. */
export function toKubeTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
