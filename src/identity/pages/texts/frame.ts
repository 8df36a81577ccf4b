import { table } from './text.ts';

/** What stands around every page, and words that several pages have. */
export const frame = table({
  brand: { ja: 'Tasuki', en: 'Tasuki' },
  tagline: { ja: '地域医療・介護連携', en: 'Regional care cooperation' },
  skip: { ja: '本文へ移動', en: 'Skip to content' },
  otherLanguage: { ja: 'English', en: '日本語' },
  logOut: { ja: 'ログアウト', en: 'Log out' },
  person: { ja: '{name}さん', en: '{name}' },
  errorPrefix: { ja: 'エラー: {title}', en: 'Error: {title}' },
  needed: { ja: '入力してください。', en: 'This is needed.' },
  backToAccount: { ja: 'アカウントに戻る', en: 'Back to your account' },
  copy: { ja: 'コピー', en: 'Copy' },
  copied: { ja: 'コピーしました。', en: 'Copied.' },
  print: { ja: '印刷', en: 'Print' },
});

export const errors = table({
  notFound: { ja: 'ページが見つかりません', en: 'There is no such page' },
  notFoundAdvice: {
    ja: 'アドレスが正しいかお確かめください。',
    en: 'Please check the address.',
  },
  stale: { ja: 'この画面は古くなっています', en: 'This page is out of date' },
  staleAdvice: {
    ja: '時間がたったか、別の画面でログインし直したため、送信を受け付けられませんでした。何も変わっていません。もう一度はじめからお試しください。ブラウザーで Cookie を無効にしている場合は、有効にしてください。アドレスは {origin} です。',
    en: 'Some time has passed, or you have logged in anew in another window, so what you sent was not taken. Nothing has changed. Please start again. If your browser refuses cookies, allow them for this site. Its address is {origin}.',
  },
  interaction: { ja: 'アプリへのログインを続けられません', en: 'The login to the app cannot go on' },
  interactionAdvice: {
    ja: '時間切れか、すでに済んだ手続きです。アプリに戻って、はじめからやり直してください。',
    en: 'It took too long, or was finished before. Go back to the app and start again.',
  },
  app: { ja: 'アプリからの要求を受け付けられません', en: 'The app’s request cannot be taken' },
  appAdvice: {
    ja: 'アプリの設定に誤りがあるか、登録が終わっています。何も許可されていません。アプリの提供者に、次の内容をお知らせください。',
    en: 'The app is not set up rightly, or is no longer registered. Nothing has been allowed. Please tell its makers the following.',
  },
  bad: { ja: '送信された内容を読み取れません', en: 'What was sent could not be read' },
  badAdvice: {
    ja: '前の画面に戻って、入力し直してください。',
    en: 'Go back and fill in the form again.',
  },
  large: { ja: '送信された内容が大きすぎます', en: 'What was sent is too large' },
  busy: { ja: 'ただいま利用できません', en: 'Not available at the moment' },
  busyAdvice: {
    ja: '混み合っているか、保守をしています。しばらくしてからもう一度お試しください。',
    en: 'The service is busy or being maintained. Please try again in a while.',
  },
  defect: { ja: '問題が起きました', en: 'Something went wrong' },
  defectAdvice: {
    ja: '申し訳ありません。こちらの不具合で、記録しました。しばらくしてからもう一度お試しください。続くときは、番号 {id} を添えて所属機関の管理者にお知らせください。',
    en: 'We are sorry. The fault is ours, and it has been recorded. Please try again in a while. If it goes on, tell your administrator and give the number {id}.',
  },
  toStart: { ja: 'はじめの画面へ', en: 'To the start' },
});

export const landing = table({
  title: { ja: '地域の医療と介護をつなぐ', en: 'Care that is handed on' },
  what: {
    ja: 'Tasuki は、連携病院と、地域の医療機関・介護事業所・健康相談窓口・市区町村が、予約・紹介・検査結果・診療の経過を安全に受け渡すためのサービスです。',
    en: 'Tasuki is where a cooperating hospital and the clinics, care agencies, health offices and municipalities around it hand on bookings, referrals, results and the course of a patient’s care, safely.',
  },
  closed: {
    ja: 'ご利用は、契約している機関の職員の方に限られます。患者さんの情報は、患者さんがキーコードを渡した相手だけが見られます。',
    en: 'It is for the staff of institutions under contract. A patient’s record is seen only by those to whom the patient has given a keycode.',
  },
  invited: { ja: '招待を受けた方', en: 'You have been invited?' },
  status: { ja: 'サービスの状態とお知らせ', en: 'State of the service and notices' },
  systems: { ja: 'システムの接続', en: 'For systems' },
  systemsAdvice: {
    ja: 'HL7 FHIR R4 / SMART App Launch 2.2。能力一覧は {metadata} にあります。',
    en: 'HL7 FHIR R4 / SMART App Launch 2.2. The capability statement is at {metadata}.',
  },
});

export const loggedOut = table({
  title: { ja: 'ログアウトしました', en: 'You are logged out' },
  advice: {
    ja: '共用の端末では、ブラウザーの画面も閉じてください。アプリは、それぞれの画面で終了してください。',
    en: 'On a shared computer, close the browser window too. Close apps in their own windows.',
  },
  again: { ja: 'もう一度ログインする', en: 'Log in again' },
});
