import { isAuditWord, WORDS } from './words.ts';

/**
 * How each interaction of the audit is told as an AuditEvent: by IHE BALP (https://profiles.ihe.net/ITI/BALP/) where it has a profile, else by
 * DICOM's event identifiers (PS3.16 CID 400 and 403, http://dicom.nema.org/resources/ontology/DCM). A word that is not here is an application
 * activity under its own name.
 */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface Kind {
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly type: Coding;
  readonly subtype: readonly Coding[];
  /** Roles of the client and the server in the transfer. */
  readonly client: Coding;
  readonly server: Coding;
  /** What whoever asked is to it, of v3-ParticipationType. */
  readonly user: string;
  /** Profile of BALP, of which there is one more for what is about a patient where `patient`; none for what BALP does not know. */
  readonly profile?: string;
  readonly patient: boolean;
  /** Of the resource, in object-role; 24: a query was asked. */
  readonly role: string;
  /** Whether the row's detail is for people to read as it stands; elsewhere it is a query, or for nobody. */
  readonly told: boolean;
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const TASUKI = 'https://tasuki.example/fhir/CodeSystem/audit-event';

const dcm = (code: string, display: string): Coding => ({ system: DCM, code, display });
const SOURCE = dcm('110153', 'Source Role ID');
const DESTINATION = dcm('110152', 'Destination Role ID');
const APPLICATION = dcm('110150', 'Application');
const CUSTODIAN: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  code: 'custodian',
  display: 'Custodian',
};

function rest(
  code: string,
  action: Kind['action'],
  [client, server, user, profile, role]: readonly [Coding, Coding, string, string, string],
): Kind {
  return {
    action,
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code }],
    client,
    server,
    user,
    profile,
    patient: true,
    role,
    told: false,
  };
}

const READ = [DESTINATION, SOURCE, 'IRCP', 'Read', '4'] as const;
const QUERY = [SOURCE, DESTINATION, 'IRCP', 'Query', '24'] as const;

const REST: Readonly<Record<string, Kind>> = {
  read: rest('read', 'R', READ),
  vread: rest('vread', 'R', READ),
  'history-instance': rest('history-instance', 'R', READ),
  create: rest('create', 'C', [SOURCE, DESTINATION, 'AUT', 'Create', '4']),
  update: rest('update', 'U', [SOURCE, DESTINATION, 'AUT', 'Update', '4']),
  delete: rest('delete', 'D', [APPLICATION, CUSTODIAN, 'CST', 'Delete', '4']),
  'search-type': rest('search-type', 'E', QUERY),
  operation: rest('operation', 'E', QUERY),
};

/** Codes of DICOM that acts fall under. */
const ACTIVITY = dcm('110100', 'Application Activity');
const EXPORT = dcm('110106', 'Export');
const ALERT = dcm('110113', 'Security Alert');
const AUTHENTICATION = dcm('110114', 'User Authentication');
const LOGIN = dcm('110122', 'Login');
const LOGOUT = dcm('110123', 'Logout');
const CONFIGURATION = dcm('110129', 'Security Configuration');
const ROLES = dcm('110136', 'Security Roles Changed');
const USER = dcm('110137', 'User Security Attributes Changed');
const LIFECYCLE = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const DISCLOSE: Coding = { system: LIFECYCLE, code: 'disclose', display: 'Disclose Record Lifecycle Event' };
const DESTROY: Coding = { system: LIFECYCLE, code: 'destroy', display: 'Destroy/Delete Record Lifecycle Event' };
const ITI_71: Coding = { system: 'urn:ihe:event-type-code', code: 'ITI-71' };
const CONSENT: Coding = { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType', code: 'AuthZ-Consent' };

/** Words, exact or by how they begin (with a hyphen or star at their end), each line by its type, subtype and action. */
const ACTS: readonly (readonly [words: string, type: Coding, subtype: Coding | null, action?: Kind['action']])[] = [
  ['log-in log-in-refused log-in-locked second-factor-refused', AUTHENTICATION, LOGIN],
  ['log-out session-ended', AUTHENTICATION, LOGOUT],
  ['log-*', AUTHENTICATION, null],
  ['password-* factor-* passkey-* totp-* second-factor-* recovery-* session-*', ALERT, USER, 'U'],
  ['roles-* set-roles rights-* review-rights', ALERT, ROLES, 'U'],
  ['invite invitation-* person-* people-* account-*', ALERT, USER, 'U'],
  [
    'update-client disable-client issue-software return-software retire-terminal require-terminals revoke-terminal',
    ALERT,
    CONFIGURATION,
    'U',
  ],
  ['suspend suspend-* lift lift-* disable disable-* enable enable-* reset reset-*', ALERT, USER, 'U'],
  ['client-* app-* terminal-* key-* keys-* jwks-* software-* register-* mtls-*', ALERT, CONFIGURATION, 'U'],
  ['disclosure disclosure-*', EXPORT, DISCLOSE, 'R'],
  ['user-export user-export-refused', EXPORT, null, 'R'],
  ['erasure erasure-* erase-* drop-audit', ACTIVITY, DESTROY, 'D'],
];

function act(type: Coding, subtype: readonly Coding[], action: Kind['action'], told: boolean, profile?: string): Kind {
  const [client, server] = [APPLICATION, SOURCE];
  return {
    action,
    type,
    subtype,
    client,
    server,
    user: 'IRCP',
    ...(profile && { profile }),
    patient: false,
    role: '4',
    told,
  };
}

const fits = (words: string, word: string): boolean =>
  words.split(' ').some((one) => (one.endsWith('*') ? word.startsWith(one.slice(0, -1)) : one === word));

const DECISIONS = ['issue-keycode', 'redeem-keycode', 'refuse-keycode', 'withdraw-consent'];

/** How a word is told. */
export function kindOf(word: string): Kind {
  const known = REST[word];
  if (known) return known;
  const display = isAuditWord(word) ? WORDS[word][1] : undefined;
  const own: Coding = { system: TASUKI, code: word, ...(display !== undefined && { display }) };
  if (word === 'issue-token') return act(AUTHENTICATION, [ITI_71, own], 'E', false, 'OAUTHaccessTokenUse');
  if (DECISIONS.includes(word)) return act(ALERT, [{ ...CONSENT, display: word }, own], 'E', false, 'AuthZconsent');
  const [, type, subtype, action] = ACTS.find(([words]) => fits(words, word)) ?? ['', ACTIVITY, null];
  return act(type, [...(subtype ? [subtype] : []), own], action ?? 'E', true);
}

/** Words by what they are told as. */
export interface Words {
  readonly exact: readonly string[];
  /** How others begin, but for those that are `except`. */
  readonly beginnings: readonly string[];
  readonly except: readonly string[];
  /** All other words than these are meant. */
  readonly others: boolean;
}

/** The words of which something holds as they are told; a word that nobody listed is told as any such is. */
export function wordsOf(told: (kind: Kind) => boolean): Words {
  const others = told(kindOf('a word that nobody listed'));
  const wanted = (word: string) => told(kindOf(word)) !== others;
  const listed = ACTS.flatMap(([words]) => words.split(' '));
  const exact = [...Object.keys(REST), ...DECISIONS, 'issue-token', ...listed.filter((one) => !one.endsWith('*'))];
  const beginnings = listed.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1));
  return {
    exact: exact.filter(wanted),
    beginnings: beginnings.filter((one) => wanted(`${one}x`)),
    except: exact.filter((word) => !wanted(word)),
    others,
  };
}
