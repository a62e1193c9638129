// How the books say no: the sentences that Xero would show, and nothing else.

export class Refusal extends Error {
  constructor(readonly messages: readonly string[]) {
    super(messages.join(' '));
    this.name = 'Refusal';
  }
}

/** The address names a record that these books do not have. */
export class Unknown extends Error {
  constructor() {
    super('The resource you’re looking for cannot be found');
    this.name = 'Unknown';
  }
}

export const refuse = (...messages: string[]): never => {
  throw new Refusal(messages);
};
