import '@livechannel/react/player.css';
import '@livechannel/react/seller.css';
import './shop.css';
import { createRoot } from 'react-dom/client';
import { Shop } from './shop.tsx';

const element = document.querySelector('#shop');
if (element !== null) createRoot(element).render(<Shop />);
