// An OpenID provider for one test: node provider.mjs FOLDER-OF-MODULES REDIRECT-URI ALGORITHM
// It prints its issuer. POST /control {"groups": [...], "gone": true} changes the only user there is.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const [modules, redirectUri, algorithm] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

const user = { groups: ['family'], gone: false };
const ec = algorithm === 'ES256';
const { privateKey } = generateKeyPairSync(ec ? 'ec' : 'rsa', ec ? { namedCurve: 'P-256' } : { modulusLength: 2048 });
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const oidc = new Provider(issuer, {
    clients: [{
      client_id: 'edge', client_secret: 'edge-secret', redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], id_token_signed_response_alg: algorithm,
    }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: algorithm, kid: 'one' }] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
    claims: { openid: ['sub'], email: ['email'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: ['of-a-test'] },
    issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
    findAccount: async (ctx, id) => (user.gone ? undefined : {
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@home.test`, name: 'Änna "A" Müller', preferred_username: id, groups: user.groups }),
    }),
  });
  const callback = oidc.callback();
  server.on('request', (request, response) => {
    if (request.url !== '/control') {
      callback(request, response);
      return;
    }
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => { Object.assign(user, JSON.parse(body)); response.end(); });
  });
  console.log(issuer);
});
