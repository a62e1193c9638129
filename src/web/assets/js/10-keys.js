// Keys for people who keep their hands on the keyboard. Every page works without this.
document.addEventListener('keydown', (event) => {
  const typing =
    event.target instanceof HTMLElement &&
    event.target.matches('input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') {
    const search = document.querySelector('input[data-key="/"]');
    if (search instanceof HTMLElement) {
      event.preventDefault();
      search.focus();
    }
    return;
  }
  if (event.key === '?') {
    const keys = document.getElementById('keys');
    if (keys instanceof HTMLDialogElement && !keys.open) keys.showModal();
    return;
  }
  if (event.key === '1' || event.key === '2') {
    // The left or the right value: of the field that has the focus, else of the first one that is open. Enter decides.
    const fields = [...document.querySelectorAll('fieldset.clash')];
    const field =
      document.activeElement?.closest('fieldset.clash') ??
      fields.find((candidate) => candidate.querySelector('input:checked') === null) ??
      fields[0];
    const choice = field?.querySelector(`input[value="${event.key === '1' ? 'billing' : 'ledger'}"]`);
    if (choice instanceof HTMLInputElement) {
      choice.checked = true;
      choice.focus();
    }
    return;
  }
  if (event.key === 'j' || event.key === 'k') {
    const stops = [...document.querySelectorAll('.todo a.button, .todo button, main tbody th a')];
    if (stops.length === 0) return;
    const at = stops.indexOf(document.activeElement);
    const next = event.key === 'j' ? Math.min(at + 1, stops.length - 1) : Math.max(at - 1, 0);
    stops[next].focus();
  }
});
