import { formatRoute, parseRoute, type Route } from './route';

/** The open route. It is stored in the URL, so back, forward and reload work as in any page. */
class Router {
  route = $state.raw<Route>(parseRoute(location.hash));
  /** Counts calls of `go`, including those to the open route. */
  visits = $state(0);

  constructor() {
    addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  go(route: Route): void {
    const hash = formatRoute(route);
    this.visits += 1;
    if (hash === location.hash) return;
    history.pushState(null, '', hash);
    this.route = route;
  }

  /** Like `go`, but replaces the current entry of the browser history. */
  replace(route: Route): void {
    history.replaceState(null, '', formatRoute(route));
    this.route = route;
  }
}

export const router = new Router();
