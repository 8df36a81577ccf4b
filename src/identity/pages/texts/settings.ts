import { table } from './text.ts';

export const enrol = table({
  title: { ja: '二要素認証の設定', en: 'Set up two-factor login' },
  forced: {
    ja: '患者さんの情報を守るため、パスワードのほかにもう一つの確認方法が必要です。次のどちらかを設定してください。もう一方は、あとからアカウントの画面で追加できます。',
    en: 'To protect patients’ records, your password is not enough. Please set up one of the following. You can add the other later on your account page.',
  },
  voluntary: {
    ja: '確認方法を二つ以上登録しておくと、端末をなくしたときも安心です。',
    en: 'With two or more you are safe even if you lose a device.',
  },
  app: { ja: '認証アプリ', en: 'Authenticator app' },
  scan: {
    ja: 'スマートフォンの認証アプリで、この QR コードを読み取ってください。',
    en: 'Scan this QR code with the authenticator app on your phone.',
  },
  qr: { ja: '認証アプリに登録するための QR コード', en: 'QR code for the authenticator app' },
  secret: { ja: '読み取れないときは、次のキーを入力してください', en: 'If you cannot scan it, enter this key' },
  open: { ja: 'このスマートフォンの認証アプリで開く', en: 'Open in the authenticator app on this phone' },
  code: { ja: 'アプリに表示された 6 桁のコード', en: 'The 6 digits that the app shows' },
  confirm: { ja: '認証アプリを登録する', en: 'Register the app' },
  wrongCode: {
    ja: 'コードが合いません。端末の時計が合っているか確かめて、新しいコードを入力してください。',
    en: 'The code does not match. Check that the clock of your phone is right, and enter a new code.',
  },
  passkey: { ja: 'パスキー', en: 'Passkey' },
  passkeyLead: {
    ja: '指紋・顔・端末の暗証番号、またはセキュリティキーで確認します。偽のサイトでは働かないため、最も安全です。',
    en: 'Your fingerprint, face, device PIN or a security key. It does not work on a forged site, and is the safest.',
  },
  name: { ja: 'パスキーの名前', en: 'Name of the passkey' },
  nameHint: { ja: 'どの端末か、あとで分かるように付けます。', en: 'So that you know later which device it is.' },
  nameExample: { ja: '自分のパソコン', en: 'My computer' },
  create: { ja: 'パスキーを作る', en: 'Make a passkey' },
  passkeyFailed: {
    ja: 'パスキーを登録できませんでした。もう一度お試しください。',
    en: 'The passkey could not be registered. Please try again.',
  },
});

export const recovery = table({
  title: { ja: 'リカバリーコード', en: 'Recovery codes' },
  enrolled: { ja: '二要素認証を設定しました。', en: 'Two-factor login is set up.' },
  renewed: {
    ja: '新しいリカバリーコードを作りました。以前のコードは使えません。',
    en: 'Here are new recovery codes. The old ones no longer work.',
  },
  advice: {
    ja: '端末をなくしたときに、このコードでログインできます。それぞれ一度だけ使えます。表示されるのは今だけです。印刷するか、端末とは別の安全な場所に保管してください。',
    en: 'With these codes you can log in if you lose your device. Each works once. They are shown only now: print them, or keep them in a safe place away from your device.',
  },
  list: { ja: 'リカバリーコードの一覧', en: 'Your recovery codes' },
  done: { ja: '保管しました。次へ', en: 'I have kept them. Continue' },
  owner: { ja: '{name}（{login}） {at}', en: '{name} ({login}), {at}' },
});

export const password = table({
  title: { ja: 'パスワードの変更', en: 'Change your password' },
  forced: {
    ja: '続ける前に、新しいパスワードを決めてください。',
    en: 'Before you go on, please choose a new password.',
  },
  othersEnd: {
    ja: '変更すると、ほかの端末ではログアウトされます。ログアウトした後も使えるアプリも、許可からやり直しになります。',
    en: 'You will be logged out everywhere else, and apps that may work without you will have to ask you again.',
  },
  current: { ja: '今のパスワード', en: 'Current password' },
  next: { ja: '新しいパスワード', en: 'New password' },
  again: { ja: '新しいパスワード（確認のためもう一度）', en: 'New password, once more' },
  hint: {
    ja: '13 文字以上にしてください（二要素認証を設定済みなら 8 文字以上）。空白も使えます。いくつかの言葉をつなげると、覚えやすく破られにくくなります。名前・施設名・よくある言葉は使えません。',
    en: 'At least 13 characters (8 if you have set up a second factor). Spaces are welcome: several words in a row are easy to remember and hard to guess. No names, no institution, no common words.',
  },
  submit: { ja: 'パスワードを変更する', en: 'Change the password' },
  differ: { ja: '二つの入力が一致しません。', en: 'The two entries are not the same.' },
  changed: {
    ja: 'パスワードを変更しました。ほかの端末ではログアウトされました。',
    en: 'Your password has been changed. You are logged out everywhere else.',
  },
});

export const invitation = table({
  title: { ja: '招待を受ける', en: 'Accept an invitation' },
  lead: {
    ja: '所属機関の管理者から受け取った招待コードを入力してください。リンクを開いたときは、自動で入ります。',
    en: 'Enter the invitation code that the administrator of your institution gave you. If you opened a link, it fills itself in.',
  },
  code: { ja: '招待コード', en: 'Invitation code' },
  submit: { ja: '次へ', en: 'Continue' },
  unknown: {
    ja: 'この招待コードは使えません。入力をお確かめください。登録した端末だけで利用する機関では、その端末で開いてください。期限が過ぎたか、すでに使われたときは、管理者に新しい招待を頼んでください。',
    en: 'This code does not work. Please check it, and open it at a registered terminal where your institution demands that. If it is too old or has been used, ask your administrator for a new one.',
  },
  welcome: { ja: '{institution}から{name}さんへの招待です。', en: '{institution} invites {name}.' },
  notYou: {
    ja: 'お名前が違うときは、ここでやめて管理者にお知らせください。',
    en: 'If this is not you, stop here and tell your administrator.',
  },
  login: { ja: 'あなたのログイン ID', en: 'Your login ID' },
  choose: { ja: 'パスワードを決める', en: 'Choose a password' },
  accept: { ja: 'アカウントを始める', en: 'Open the account' },
});

export const terms = table({
  title: { ja: '利用規約', en: 'Terms of service' },
  lead: {
    ja: '新しい利用規約です。お読みになり、同意していただくとサービスを使えます。',
    en: 'There are new terms. Please read them; with your consent you can go on.',
  },
  version: { ja: '版: {version}（{date}）', en: 'Version {version} ({date})' },
  accept: { ja: '同意して続ける', en: 'I agree' },
  decline: { ja: '同意せずにログアウトする', en: 'I do not agree; log out' },
  text: { ja: '規約の本文', en: 'Text of the terms' },
});
