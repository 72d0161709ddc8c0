import { createContext, useContext } from 'react';
import { en } from '../text/en.ts';
import { sellerWordsOf, type SellerWords } from '../text/words.ts';

export const SellerWordsContext = createContext<SellerWords>(sellerWordsOf(en));

export const useSellerWords = (): SellerWords => useContext(SellerWordsContext);
