import type { Communication } from '@medplum/fhirtypes';
import { message } from '../data/messages.ts';
import { resourcesIn } from '../fhir-client.ts';
import { isEmpty, whoSees } from '../sight.ts';
import { need, type Stage, type Step } from '../stage.ts';

/** Hospital and care agency write to each other about the patient; a keycode does not open what they write. */
export const messages: Step = {
  japanese: '医療介護連携のメッセージを交わす',
  english: 'hospital and care agency exchange messages',
  async play(stage) {
    const { hospital, careagency, clinic } = need(stage, 'institutions');
    const { patient } = need(stage, 'shared');
    const ask = message(
      stage.moment,
      { sender: hospital.organization, recipient: careagency.organization, patient },
      '造影CTの結果をご本人に説明しました。ご自宅での血圧の様子を教えてください。',
      { minutes: 15 },
    );
    const asked = await hospital.fhir.post('Communication', ask);
    const question = stage.checks.succeeds(hospital, 'asks the care agency about the patient', asked).reference();
    const reply = message(
      stage.moment,
      { sender: careagency.organization, recipient: hospital.organization, patient, answers: question },
      '本日の訪問時は152/84でした。記録を時系列に登録しました。',
      { minutes: 5 },
    );
    const answered = await careagency.fhir.post('Communication', reply);
    const answer = stage.checks.succeeds(careagency, 'answers', answered).reference();
    stage.props.messages = [question, answer];
    await readThread(stage, question, answer);
    const leaked = await clinic.fhir.get(`Communication?subject=${patient}&_total=accurate`);
    stage.checks.check(clinic, 'finds none of it, although it has the keycode', isEmpty(leaked), leaked);
    const correspondents = ['hospital', 'careagency'] as const;
    await whoSees(stage, [
      { label: 'question', reference: question, seenBy: correspondents },
      { label: 'answer', reference: answer, seenBy: correspondents },
    ]);
  },
};

async function readThread(stage: Stage, question: string, answer: string): Promise<void> {
  const { hospital } = need(stage, 'institutions');
  const { patient } = need(stage, 'shared');
  const found = await hospital.fhir.get(`Communication?subject=${patient}&_sort=sent`);
  const thread = found.ok ? resourcesIn<Communication>(found, 'Communication') : [];
  const inOrder = thread.map(({ id }) => `Communication/${id}`).join() === [question, answer].join();
  const threaded = thread[1]?.inResponseTo?.[0]?.reference === question;
  stage.checks.check(
    hospital,
    `reads the thread: 「${thread[1]?.payload?.[0]?.contentString}」`,
    inOrder && threaded,
    found,
  );
}
