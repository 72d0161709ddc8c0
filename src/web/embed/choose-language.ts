/** Texts of languages other than English, each in a file that is loaded if it is chosen. */
export type Languages<Texts> = Readonly<Record<string, () => Promise<Texts>>>;

/** The texts of the first of these languages that there are texts of; undefined: English, which the component has. */
export async function chooseLanguage<Texts>(
  tags: readonly (string | undefined)[],
  languages: Languages<Texts>,
): Promise<Texts | undefined> {
  for (const tag of tags) {
    const language = tag?.split('-', 1).join().toLowerCase();
    if (language === 'en') return undefined;
    const load =
      language !== undefined && Object.hasOwn(languages, language) ? languages[language] : undefined;
    // A file that fails to load must not keep anyone from the page.
    if (load !== undefined) return load().catch(() => undefined);
  }
  return undefined;
}
