interface Page {
  readonly nextToken?: string | undefined;
}

/** Reads all pages of a listing. `read` receives the fields to add to the request; none for the first page. */
export async function allPages<P extends Page>(
  read: (next: { readonly nextToken?: string }) => Promise<P>,
): Promise<readonly P[]> {
  const pages = [await read({})];
  for (;;) {
    const nextToken = pages.at(-1)?.nextToken;
    if (nextToken === undefined || nextToken === '') return pages;
    pages.push(await read({ nextToken }));
  }
}
