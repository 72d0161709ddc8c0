/**
 * Adapts a response to what EventSource does with it. An EventSource closes permanently on a status other than 200 and
 * hides the response's body; after a failed request it reconnects. A 429 or 5xx (a replica that shuts down, for example)
 * is therefore thrown, so that the EventSource reconnects. Any other refusal is final: its error is sent as the event
 * that tRPC uses for errors in a stream.
 */
export async function asEvents(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  if (response.status === 429 || response.status >= 500)
    throw new Error(`${response.url} answered ${response.status}`);
  const error = errorIn(text);
  if (error === undefined) return new Response(null, { status: response.status });
  return new Response(`event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  });
}

function errorIn(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined;
  } catch {
    return undefined;
  }
}
