/** The methods that a path has, for the header Allow: none when no route has the path. Pure. */
export function allowedMethods(
  routes: readonly { readonly method: string; readonly path: string }[],
  path: string,
): string[] {
  const asked = path.replace(/\/$/, '').split('/');
  const isOf = (route: string) => {
    const parts = route.split('/');
    return (
      parts.length === asked.length &&
      parts.every((part, at) => part === asked[at] || (part.startsWith(':') && asked[at] !== ''))
    );
  };
  const found = new Set(routes.filter((route) => isOf(route.path)).map(({ method }) => method));
  // Answered by Express from the route for GET.
  if (found.has('GET')) found.add('HEAD');
  return [...found].toSorted();
}
