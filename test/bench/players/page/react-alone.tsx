import { createRoot } from 'react-dom/client';
import { playerRoot } from './place.ts';

createRoot(playerRoot()).render(<p />);
