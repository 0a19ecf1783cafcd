/** What a screen reader is told once. */
class Said {
  now = $state('');
}

export const said = new Said();
