/** A metav1.Time: RFC 3339 to the second, because anything finer would differ from what the API server returns. */
export function toKubeTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
