import { table } from './text.ts';

export const login = table({
  title: { ja: 'ログイン', en: 'Log in' },
  toApp: {
    ja: '「{app}」（{institution}）を使うためにログインします。',
    en: 'You are logging in to use “{app}” ({institution}).',
  },
  idle: {
    ja: '操作のない時間が続いたか、ほかの場所で終了されたため、ログアウトしました。もう一度ログインしてください。',
    en: 'You have been logged out, because nothing was done for a while or the session was ended elsewhere. Please log in again.',
  },
  again: {
    ja: 'このアプリのために、もう一度本人確認をお願いします。',
    en: 'For this app, please show once more that it is you.',
  },
  login: { ja: 'ログイン ID', en: 'Login ID' },
  password: { ja: 'パスワード', en: 'Password' },
  submit: { ja: 'ログイン', en: 'Log in' },
  failed: {
    ja: 'ログインできませんでした。ログイン ID とパスワードをお確かめください。続けて間違えると、しばらくログインできなくなります。',
    en: 'That did not work. Please check your login ID and password. After several failures you have to wait for a while.',
  },
  trouble: { ja: 'ログインできないとき', en: 'If you cannot log in' },
  troubleAdvice: {
    ja: '登録した端末だけで利用する機関では、その端末からログインしてください。パスワードを忘れたとき、端末をなくしたとき、利用が止められているときは、所属機関の管理者にご連絡ください。',
    en: 'Some institutions let their people in at registered terminals only: log in there. If you have forgotten your password, lost a device, or your account has been stopped, ask the administrator of your institution.',
  },
  invitation: { ja: '招待コードを使う', en: 'Use an invitation code' },
  cancel: { ja: 'やめてアプリに戻る', en: 'Cancel and go back to the app' },
});

export const secondFactor = table({
  title: { ja: '本人確認', en: 'Is it you?' },
  lead: {
    ja: 'パスワードに加えて、もう一つの方法で確認します。',
    en: 'Besides your password, we ask for a second proof.',
  },
  again: {
    ja: '大切な設定を変える前に、もう一度確認します。確認できたら、元の画面に戻ります。',
    en: 'Before settings of security are changed, please show once more that it is you. Then you go on where you were.',
  },
  wrongPassword: { ja: 'パスワードが正しくありません。', en: 'This is not your password.' },
  code: { ja: '認証コード（6 桁）', en: 'Code (6 digits)' },
  codeHint: { ja: '認証アプリに表示されている数字です。', en: 'The digits that your authenticator app shows.' },
  submit: { ja: '確認する', en: 'Confirm' },
  wrongCode: {
    ja: 'コードが正しくないか、一度使われたか、時間が過ぎています。新しいコードを入力してください。',
    en: 'The code is wrong, used before, or too old. Please enter a new one.',
  },
  passkey: { ja: 'パスキーを使う', en: 'Use a passkey' },
  passkeyHint: {
    ja: '指紋・顔・端末の暗証番号、またはセキュリティキーで確認します。',
    en: 'With your fingerprint, face, device PIN or a security key.',
  },
  passkeyFailed: {
    ja: 'パスキーを確認できませんでした。もう一度試すか、ほかの方法を使ってください。',
    en: 'The passkey could not be confirmed. Try again or use another way.',
  },
  or: { ja: 'または', en: 'or' },
  recovery: { ja: 'リカバリーコードを使う', en: 'Use a recovery code' },
  recoveryCode: { ja: 'リカバリーコード', en: 'Recovery code' },
  recoveryHint: {
    ja: '端末が手元にないときに使います。一つのコードは一度だけ使えます。',
    en: 'For when your device is not at hand. Each code works once.',
  },
  wrongRecovery: {
    ja: 'このリカバリーコードは使えません。入力を確かめるか、まだ使っていないコードを入力してください。',
    en: 'This recovery code does not work. Check it, or enter one that you have not used.',
  },
  startOver: { ja: '別の人としてログインする', en: 'Log in as somebody else' },
});

/** What the script for passkeys says. */
export const passkeys = table({
  noScript: {
    ja: 'パスキーを使うには、JavaScript を有効にしてください。',
    en: 'Passkeys need JavaScript to be allowed.',
  },
  unsupported: {
    ja: 'このブラウザーではパスキーを使えません。',
    en: 'This browser cannot use passkeys.',
  },
  cancelled: {
    ja: '取り消されたか、時間が過ぎました。もう一度お試しください。',
    en: 'It was cancelled or took too long. Please try again.',
  },
  known: {
    ja: 'この端末のパスキーは、すでに登録されています。',
    en: 'This device’s passkey is registered already.',
  },
  failed: {
    ja: 'パスキーを使えませんでした。もう一度試すか、ほかの方法を使ってください。',
    en: 'The passkey did not work. Try again, or use another way.',
  },
});
