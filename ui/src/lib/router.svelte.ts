import { formatRoute, parseRoute, type Route } from './route';

/** The route that is open. The address bar holds it, so back, forward and reload work by themselves. */
class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  go(route: Route): void {
    const hash = formatRoute(route);
    if (hash === location.hash) return;
    history.pushState(null, '', hash);
    this.route = route;
  }

  /** As `go`, but back leads to where one was before. */
  replace(route: Route): void {
    history.replaceState(null, '', formatRoute(route));
    this.route = route;
  }
}

export const router = new Router();
