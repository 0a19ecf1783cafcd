/** Periods of the statistics; a custom one is written as `2024-01-01..2024-06-30`. */
export const PERIODS = ['all', 'year', '12m', '30d', '7d'] as const;

/** Start and end of a period in Unix seconds. Always whole local days, so that the same period gives the same list. */
export function periodOf(period: string, now = new Date()): { from_s?: number; to_s?: number } {
  // Calendar arithmetic: a day is not always 24 hours long.
  const day = (date: Date, offset: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + offset);
  const unix_s = (date: Date) => Math.floor(date.getTime() / 1000);
  const since = (date: Date) => ({ from_s: unix_s(date) });
  switch (period) {
    case 'year':
      return since(new Date(now.getFullYear(), 0, 1));
    case '12m':
      return since(new Date(now.getFullYear() - 1, now.getMonth() + 1, 1));
    case '30d':
      return since(day(now, -29));
    case '7d':
      return since(day(now, -6));
    default: {
      const [from, to] = period.split('..').map((text) => new Date(`${text}T00:00`));
      const isValid = (date: Date | undefined): date is Date => date !== undefined && !Number.isNaN(date.getTime());
      return {
        ...(isValid(from) && { from_s: unix_s(from) }),
        ...(isValid(to) && { to_s: unix_s(day(to, 1)) }),
      };
    }
  }
}
