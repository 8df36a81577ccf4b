import type { Express, Request, Response } from 'express';
import { accountRoutes } from './account.ts';
import { serveAsset } from './assets.ts';
import { consentRoutes } from './consent.ts';
import { enrolRoutes } from './enrol.ts';
import { HEADERS_OF_FILES } from './headers.ts';
import { invitationRoutes } from './invitation.ts';
import { landingRoutes } from './landing.ts';
import { loginRoutes } from './login.ts';
import { noticesRoutes } from './notices.ts';
import type { PagesParts } from './parts.ts';
import { passwordRoutes } from './password.ts';
import { patientRoutes } from './patient.ts';
import { secondFactorRoutes } from './second-factor.ts';
import { type Route, serve, serveNothing } from './serve.ts';
import { termsRoutes } from './terms.ts';

const ROUTES: readonly Route[] = [
  ...landingRoutes,
  ...loginRoutes,
  ...secondFactorRoutes,
  ...passwordRoutes,
  ...enrolRoutes,
  ...termsRoutes,
  ...invitationRoutes,
  ...accountRoutes,
  ...noticesRoutes,
  ...patientRoutes,
  ...consentRoutes,
];

/**
 * Puts the pages on the application that a person meets: login with its steps, invitation, account, and below `/interaction/[uid]` the same
 * steps for an app that asks for a person, with the choice of a patient and the consent. Must come before what reads request bodies.
 */
export function mountPages(app: Express, parts: PagesParts): void {
  app.get('/robots.txt', (_request, response) => {
    response.set(HEADERS_OF_FILES).type('text/plain').send('User-agent: *\nDisallow: /\n');
  });
  app.get('/assets/:name', serveAsset);
  const paths = new Map<string, string[]>();
  for (const route of ROUTES) {
    for (const path of pathsOf(route)) {
      app[route.method](path, (request: Request, response: Response) => serve(parts, route, request, response));
      paths.set(path, [...(paths.get(path) ?? []), route.method === 'get' ? 'GET, HEAD' : 'POST']);
    }
  }
  for (const [path, methods] of paths)
    app.all(path, (request, response) => {
      response.set('Allow', methods.join(', '));
      serveNothing(parts, request, response, 405);
    });
  app.all(['/assets/*name', '/interaction/*rest', '/account/*rest'], (request, response) =>
    serveNothing(parts, request, response, 404),
  );
}

function pathsOf({ path, where }: Route): readonly string[] {
  const outside = where === 'interaction' ? [] : [path];
  return where === 'outside' ? outside : [...outside, `/interaction/:uid${path}`];
}

export { oauthErrorPage } from './oauth-error.ts';
export type {
  NoticeRow,
  NoticesOfPages,
  PagesParts,
  PatientRow,
  PatientSought,
  PatientsOfPages,
} from './parts.ts';
