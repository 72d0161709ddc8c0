import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { FieldError } from 'react-aria-components/FieldError';
import { Form } from 'react-aria-components/Form';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField } from 'react-aria-components/TextField';
import { useApp } from '../app-context.ts';
import { useErrorText } from '../parts/notices.tsx';
import { ServiceError } from '../service/service-error.ts';

/** The service's own limit. */
const LONGEST_KEY = 256;

/** Login by an API key, or through the organization's issuer. */
export function LoginPage({ again }: { readonly again: boolean }): ReactNode {
  const { queries, sessions, words } = useApp();
  const { texts } = words;
  const session = useQuery(queries.session);
  const methods = useQuery(queries.loginMethods);
  const [apiKey, setApiKey] = useState('');
  const [empty, setEmpty] = useState(false);
  const errorText = useErrorText();
  const login = useMutation({
    mutationFn: async (key: string) => {
      await sessions.login(key);
      await session.refetch();
    },
    // The key is not kept, be it right or wrong.
    onSettled: () => setApiKey(''),
  });
  const wrong = login.error instanceof ServiceError && login.error.kind === 'signed-out';
  return (
    <div className="login card">
      <h1>{texts.login.title}</h1>
      {again ? <p role="status">{texts.session.ended}</p> : <p className="quiet">{texts.login.intro}</p>}
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          const key = apiKey.trim();
          setEmpty(key === '');
          if (key !== '' && !login.isPending) login.mutate(key);
        }}
      >
        <TextField
          className="field"
          type="password"
          name="apiKey"
          value={apiKey}
          maxLength={LONGEST_KEY}
          autoComplete="off"
          isInvalid={empty || wrong}
          onChange={(value) => {
            setApiKey(value);
            setEmpty(false);
          }}
        >
          <Label className="label">{texts.login.apiKey}</Label>
          <Input className="input" />
          <Text slot="description" className="quiet small">
            {texts.login.hint}
          </Text>
          <FieldError className="field-error">{empty ? texts.login.empty : texts.login.wrong}</FieldError>
        </TextField>
        {login.isError && !wrong && (
          <p className="field-error" role="alert">
            {errorText(login.error)}
          </p>
        )}
        <Button className="button primary" type="submit">
          {login.isPending ? texts.login.submitting : texts.login.submit}
        </Button>
      </Form>
      {methods.isError && (
        <p className="field-error" role="alert">
          {errorText(methods.error)}
        </p>
      )}
      {methods.data?.includes('oidc') === true && (
        <>
          <p className="quiet or">{texts.login.or}</p>
          {/* A link, and not a form: form-action of the policy covers redirects as well. */}
          <a className="button" href="/login/oidc">
            {texts.login.oidc}
          </a>
        </>
      )}
    </div>
  );
}
