import { useState, type ReactNode, type SyntheticEvent } from 'react';
import { trpc } from './trpc.ts';

/** Stands for the login of your app. */
export function LogIn({ onLogIn }: { readonly onLogIn: () => void }): ReactNode {
  const [userId, setUserId] = useState('buyer-1');
  const [failed, setFailed] = useState(false);
  const logIn = (event: SyntheticEvent): void => {
    event.preventDefault();
    trpc.session.logIn.mutate({ userId }).then(onLogIn, () => {
      setFailed(true);
    });
  };
  return (
    <form className="card" onSubmit={logIn}>
      <h1>Log in</h1>
      <label>
        Name
        <input
          name="user"
          value={userId}
          required
          pattern="[A-Za-z0-9_\-]{1,64}"
          autoComplete="username"
          onChange={({ target }) => {
            setUserId(target.value);
          }}
        />
      </label>
      <p className="quiet">
        This sample believes the name: buyer-1 buys, and seller-4711 sells on channel 4711.
      </p>
      <button type="submit" className="button">
        Log in
      </button>
      {failed && <p role="alert">The login has failed. A name has letters, digits, - and _.</p>}
    </form>
  );
}
