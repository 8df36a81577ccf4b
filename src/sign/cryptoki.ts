import koffi from 'koffi';

/**
 * The few functions of a card's PKCS#11 library that signing takes (OASIS PKCS #11 Cryptographic Token Interface 2.40). The library is
 * the card maker's: it is loaded into this process, asked for its table of functions, and called with memory laid out as its headers say.
 */

/** Places in CK_FUNCTION_LIST (§3.6), and the types of the arguments; every function answers CK_RV. */
const FUNCTIONS = Object.freeze({
  C_Initialize: [0, 'void *'],
  C_Finalize: [1, 'void *'],
  C_GetSlotList: [4, 'uchar', 'void *', 'void *'],
  C_GetTokenInfo: [6, 'ulong', 'void *'],
  C_OpenSession: [12, 'ulong', 'ulong', 'void *', 'void *', 'void *'],
  C_CloseSession: [13, 'ulong'],
  C_Login: [18, 'ulong', 'ulong', 'void *', 'ulong'],
  C_Logout: [19, 'ulong'],
  C_GetAttributeValue: [24, 'ulong', 'ulong', 'void *', 'ulong'],
  C_FindObjectsInit: [26, 'ulong', 'void *', 'ulong'],
  C_FindObjects: [27, 'ulong', 'void *', 'ulong', 'void *'],
  C_FindObjectsFinal: [28, 'ulong'],
  C_SignInit: [42, 'ulong', 'void *', 'ulong'],
  C_Sign: [43, 'ulong', 'void *', 'ulong', 'void *', 'void *'],
} as const satisfies Record<string, readonly [number, ...string[]]>);

type FunctionName = keyof typeof FUNCTIONS;

/** The return values that a doctor at a card reader can meet (§3.7). */
const FAILURES: Readonly<Record<number, string>> = Object.freeze({
  3: 'CKR_SLOT_ID_INVALID',
  5: 'CKR_GENERAL_ERROR',
  48: 'CKR_DEVICE_ERROR',
  50: 'CKR_DEVICE_REMOVED',
  80: 'CKR_FUNCTION_CANCELED',
  104: 'CKR_KEY_FUNCTION_NOT_PERMITTED',
  112: 'CKR_MECHANISM_INVALID',
  160: 'CKR_PIN_INCORRECT',
  161: 'CKR_PIN_INVALID',
  162: 'CKR_PIN_LEN_RANGE',
  163: 'CKR_PIN_EXPIRED',
  164: 'CKR_PIN_LOCKED',
  224: 'CKR_TOKEN_NOT_PRESENT',
  225: 'CKR_TOKEN_NOT_RECOGNIZED',
  257: 'CKR_USER_NOT_LOGGED_IN',
});
const ALREADY_LOGGED_IN = 256;
const ALREADY_INITIALIZED = 401;

/** What the library refused, by the standard's name. */
export class CryptokiError extends Error {
  /** `CKR_…`. */
  readonly code: string;

  constructor(name: string, value: number) {
    const code = FAILURES[value] ?? `CKR 0x${value.toString(16)}`;
    super(`${name} failed: ${code}`);
    this.code = code;
  }
}

const ULONG = koffi.sizeof('ulong');
const POINTER = koffi.sizeof('void *');
/** On Windows the structures are packed (§2.1). */
const PACKED = process.platform === 'win32';

export const CKA = Object.freeze({ CLASS: 0, VALUE: 0x11, ID: 0x102, SIGN: 0x108, ALWAYS_AUTHENTICATE: 0x202 });
export const CKO = Object.freeze({ CERTIFICATE: 1, PRIVATE_KEY: 3 });
export const CKM = Object.freeze({ RSA_PKCS: 1, ECDSA: 0x1041 });
export const CKU = Object.freeze({ USER: 1, CONTEXT_SPECIFIC: 2 });

export function ulong(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(ULONG);
  if (ULONG === 8) bytes.writeBigUInt64LE(BigInt(value));
  else bytes.writeUInt32LE(Number(value));
  return bytes;
}

const readUlong = (bytes: Buffer, at = 0): number =>
  ULONG === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at);

/** CK_UNAVAILABLE_INFORMATION: the object has no such attribute, or will not tell. */
const isUnavailable = (bytes: Buffer) => bytes.every((byte) => byte === 0xff);

/** A structure of an unsigned long, a pointer and a length: CK_ATTRIBUTE, CK_MECHANISM. */
function record(first: number, value: Buffer | undefined): Buffer {
  const gap = PACKED ? 0 : POINTER - ULONG;
  const bytes = Buffer.alloc(ULONG + gap + POINTER + ULONG);
  ulong(first).copy(bytes, 0);
  if (value && value.length > 0) bytes.writeBigUInt64LE(koffi.address(value), ULONG + gap);
  ulong(value?.length ?? 0).copy(bytes, ULONG + gap + POINTER);
  return bytes;
}

const LENGTH_AT = (PACKED ? ULONG : POINTER) + POINTER;

/** Never unloaded: threads and exit handlers of a library may run as long as the process does. */
const LOADED: ReturnType<typeof koffi.load>[] = [];

/** A library, open. */
export class Cryptoki {
  readonly #sessions: number[] = [];
  readonly #call: (name: FunctionName, args: readonly unknown[]) => number;

  /** @param path  of the library; throws where it cannot be loaded or is none. */
  constructor(path: string) {
    const library = koffi.load(path);
    LOADED.push(library);
    const list = Buffer.alloc(POINTER);
    const status = library.func('C_GetFunctionList', 'ulong', ['void *'])(list);
    if (status !== 0) throw new CryptokiError('C_GetFunctionList', Number(status));
    const table = list.readBigUInt64LE();
    const first = PACKED ? 2 : POINTER;
    this.#call = (name, args) => {
      const [place, ...types] = FUNCTIONS[name];
      const pointer = koffi.decode(table, first + place * POINTER, 'void *');
      return Number(koffi.call(pointer, prototype(name, types), ...args));
    };
    this.call('C_Initialize', [null], [ALREADY_INITIALIZED]);
  }

  call(name: FunctionName, args: readonly unknown[], alsoFine: readonly number[] = []): void {
    const status = this.#call(name, args);
    if (status !== 0 && !alsoFine.includes(status)) throw new CryptokiError(name, status);
  }

  /** Slots with a card in them. */
  slots(): number[] {
    const count = ulong(0);
    this.call('C_GetSlotList', [1, null, count]);
    const list = Buffer.alloc(Math.max(1, readUlong(count)) * ULONG);
    this.call('C_GetSlotList', [1, list, count]);
    return Array.from({ length: readUlong(count) }, (_, i) => readUlong(list, i * ULONG));
  }

  /** Of CK_TOKEN_INFO (§3.2); undefined for a card that is not the library's, or is just being drawn out. */
  token(slot: number): { label: string; initialized: boolean } | undefined {
    const info = Buffer.alloc(512);
    try {
      this.call('C_GetTokenInfo', [slot, info]);
    } catch (error) {
      if (error instanceof CryptokiError) return undefined;
      throw error;
    }
    // Label, manufacturer, model and serial number stand before the flags, padded with blanks.
    const flags = readUlong(info, 32 + 32 + 16 + 16);
    return { label: info.toString('utf8', 0, 32).replace(/[\0 ]+$/, ''), initialized: (flags & 0x400) !== 0 };
  }

  openSession(slot: number): number {
    const session = ulong(0);
    const serial = 4;
    this.call('C_OpenSession', [slot, serial, null, null, session]);
    this.#sessions.push(readUlong(session));
    return readUlong(session);
  }

  login(session: number, user: number, pin: string): void {
    const bytes = Buffer.from(pin, 'utf8');
    try {
      this.call('C_Login', [session, user, bytes, bytes.length], [ALREADY_LOGGED_IN]);
    } finally {
      bytes.fill(0);
    }
  }

  /** Handles of the objects that have these attributes. */
  find(session: number, attributes: readonly (readonly [number, Buffer])[]): number[] {
    const template = Buffer.concat(attributes.map(([type, value]) => record(type, value)));
    this.call('C_FindObjectsInit', [session, template, attributes.length]);
    try {
      const found: number[] = [];
      const handles = Buffer.alloc(16 * ULONG);
      const count = ulong(0);
      do {
        this.call('C_FindObjects', [session, handles, 16, count]);
        for (let i = 0; i < readUlong(count); i++) found.push(readUlong(handles, i * ULONG));
      } while (readUlong(count) > 0 && found.length < 1000);
      return found;
    } finally {
      this.call('C_FindObjectsFinal', [session]);
    }
  }

  /** An attribute of an object; undefined where it has none. */
  attribute(session: number, object: number, type: number): Buffer | undefined {
    const invalid = 18;
    const sensitive = 17;
    const asked = record(type, undefined);
    this.call('C_GetAttributeValue', [session, object, asked, 1], [invalid, sensitive]);
    const length = asked.subarray(LENGTH_AT, LENGTH_AT + ULONG);
    if (isUnavailable(length) || readUlong(length) === 0) return undefined;
    const value = Buffer.alloc(readUlong(length));
    this.call('C_GetAttributeValue', [session, object, record(type, value), 1]);
    return value;
  }

  /** Signs with the key as the mechanism says; `again` answers a card that wants its PIN for each signature. */
  sign(session: number, key: number, mechanism: number, data: Uint8Array, again?: () => void): Buffer {
    this.call('C_SignInit', [session, record(mechanism, undefined), key]);
    again?.();
    const signature = Buffer.alloc(1024);
    const length = ulong(signature.length);
    this.call('C_Sign', [session, Buffer.from(data), data.length, signature, length]);
    return Buffer.from(signature.subarray(0, readUlong(length)));
  }

  /** Logs out, ends all sessions and lets go of the library; never throws: the card may be gone already. */
  close(): void {
    for (const session of this.#sessions.splice(0)) {
      this.#call('C_Logout', [session]);
      this.#call('C_CloseSession', [session]);
    }
    this.#call('C_Finalize', [null]);
  }
}

const prototypes = new Map<string, ReturnType<typeof koffi.proto>>();

function prototype(name: string, types: readonly string[]): ReturnType<typeof koffi.proto> {
  const known = prototypes.get(name) ?? koffi.proto('ulong', [...types]);
  prototypes.set(name, known);
  return known;
}
