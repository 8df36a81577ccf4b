export { decide } from './outcome.ts';
export { Verifier, type VerifierOptions } from './verifier.ts';
export { verify } from './verify.ts';
