const FILE = '/etc/environment';

/**
 * Sets `proxies` to the host's own proxy variables, each as `name=value`. They are in the file for every login, and sudo
 * drops them.
 */
export const hostProxies = `
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=\${name#export }
  case \${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=\${value#[\\"\\']}; proxies+=("$name=\${value%[\\"\\']}") ;; esac
done < <(cat ${FILE} 2>/dev/null)
`.trim();

/** Lets the commands that follow use them. */
export const useHostProxies = `${hostProxies}
[ \${#proxies[@]} -eq 0 ] || export "\${proxies[@]}"`;
