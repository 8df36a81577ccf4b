import { type Group, says } from '../command.ts';

export const signers: Group = {
  title: says('電子署名', 'Signatures'),
  commands: [
    {
      name: 'confirm-signer',
      method: 'POST',
      path: 'Practitioner/{person}/$confirm-signer',
      says: says('証明書が誰のものかを確かめたと記録する', 'Says whether a certificate is that of a practitioner'),
      parameters: [
        {
          name: 'certificate',
          type: 'string',
          required: true,
          says: says('証明書の SHA-256（16進）', 'SHA-256 of the certificate, hexadecimal'),
        },
        { name: 'confirm', type: 'boolean', required: true, says: says('true または false', 'true or false') },
        { name: 'pem', type: 'text-file', says: says('証明書のファイル', 'File of the certificate') },
      ],
    },
  ],
};
