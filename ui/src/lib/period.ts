/** Periods of the statistics; a custom one is written as `2024-01-01..2024-06-30`. */
export const PERIODS = ['all', 'year', '12m', '30d', '7d'] as const;

const DAY_S = 86_400;

/** Start and end of a period in Unix seconds. Always whole local days, so that the same period gives the same list. */
export function periodOf(period: string, now = new Date()): { from_s?: number; to_s?: number } {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const since = (date: Date) => ({ from_s: Math.floor(date.getTime() / 1000) });
  switch (period) {
    case 'year':
      return since(new Date(now.getFullYear(), 0, 1));
    case '12m':
      return since(new Date(now.getFullYear() - 1, now.getMonth() + 1, 1));
    case '30d':
      return { from_s: Math.floor(today.getTime() / 1000) - 29 * DAY_S };
    case '7d':
      return { from_s: Math.floor(today.getTime() / 1000) - 6 * DAY_S };
    default: {
      const [from = '', to = ''] = period.split('..').map((day) => Date.parse(`${day}T00:00`) / 1000);
      return {
        ...(Number.isFinite(from) && { from_s: from as number }),
        ...(Number.isFinite(to) && { to_s: (to as number) + DAY_S }),
      };
    }
  }
}
