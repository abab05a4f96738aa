
sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
command -v curl >/dev/null || exit 43
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
[ ${#proxies[@]} -eq 0 ] || export "${proxies[@]}"
fetch_file() {
  (ulimit -f 4194304; curl -fsSL --retry 3 --connect-timeout 10 --proto-redir '=https' -o "$1" "$2") && return
  head -c 65536 /dev/zero >> "$1" || return 28
  return 1
}
work=$(mktemp -d) || exit 1; trap 'rm -rf "$work"' EXIT
put() {
  fetch_file "$work/file" "$1" || { echo "$1" >&2; exit 44; }
  [ "$(sha256 < "$work/file")" = "$2" ] || { echo "$1" >&2; exit 41; }
  echo ---; cat "$work/file"
}
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_backendtlspolicies.yaml' 9b8818172153d72f9c84032db0be0a4a657277d13f5bbc22226ad9481ff57971
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_gatewayclasses.yaml' 234ad4b2757ee1b3596a4187bb98df071c5bbdd9e1806f692f2dbf8387e6bef4
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_gateways.yaml' 7416e8300eb4d8c0a71a23445609075bbacbe8bc80104584b019cfe1ebe77c31
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_grpcroutes.yaml' 979f4125d44d3df24659ba00d1d04ff8e76c45423193e8aae82dd5810d7827df
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml' 682203b109baecb18d38073a578f7bc2c17d22fe9b0c27bf030850abe014c370
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_listenersets.yaml' 9221468d19fdfbb0026113b1ef64abac64f27607975aff2410361b8b38f0e0bb
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_referencegrants.yaml' a8902c486eed0b7339f5bb8a476ccaba0918eb038048402bdc01cbb69b0fbb51
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_tlsroutes.yaml' 818e4827c469a40e2527a2851591e656782c50fea8dd44812c900d219da09345
put 'https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.5.1/config/crd/standard/gateway.networking.k8s.io_vap_safeupgrades.yaml' 981a4da92706cb567c051e006ff229429947f054b90cd0719c297abe14f958a1

