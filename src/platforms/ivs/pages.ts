interface Page {
  readonly nextToken?: string | undefined;
}

/** Every page of a listing. `read` is given what to add to the request: nothing for the first page. */
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
