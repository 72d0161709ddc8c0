import { problems, problemType, type ProblemCode } from '../../src/server/problems.ts';
import { code, generatedNotice, table } from './markdown.ts';

/** docs/reference/problems.md: the errors of the service. */
export function problemsReference(): string {
  const rows = Object.entries(problems).map(([name, { status, meaning, about }]) => [
    code(name),
    String(status),
    `${meaning} ${about}`,
  ]);
  const example: ProblemCode = 'channel-not-found';
  return `# Problems

${generatedNotice}

Every error of the service is problem+json of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457), with a code that stays what it
is: apps may compare it. tRPC has it in \`error.data.problem\`.

    HTTP/1.1 404 Not Found
    content-type: application/problem+json

    { "type": "${problemType(example)}", "code": "${example}", "status": 404,
      "title": "${problems[example].title}", "detail": "There is no channel 42.", "instance": "urn:livechannel:request:…" }

\`instance\` names the request as \`X-Request-Id\` and the log do. \`errors\` lists the faults of a request by path; \`scope\`
names the scope that is needed.

${table(['Code', 'Status', 'When, and what to do'], rows)}
`;
}
