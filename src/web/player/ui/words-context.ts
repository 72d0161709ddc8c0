import { createContext, useContext } from 'react';
import { en } from '../text/en.ts';
import { wordsOf, type Words } from '../text/words.ts';

export const WordsContext = createContext<Words>(wordsOf(en));

export const useWords = (): Words => useContext(WordsContext);
