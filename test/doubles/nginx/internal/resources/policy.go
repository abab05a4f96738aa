package resources

import (
	"errors"
	"fmt"
	"net/netip"
)

// CheckPolicy takes a policy of access control only; the double refuses the other kinds by name.
func CheckPolicy(policy Policy) error {
	spec, _ := policy.Raw["spec"].(map[string]any)
	for field := range spec {
		if field != "accessControl" && field != "ingressClassName" {
			return fmt.Errorf("spec.%s: Forbidden: the double does access control only", field)
		}
	}
	access := policy.Spec.AccessControl
	if access == nil {
		return errors.New("spec: Invalid value: must specify exactly one policy")
	}
	if (access.Allow == nil) == (access.Deny == nil) {
		return errors.New("spec.accessControl: Invalid value: \"\": must specify exactly one of: `allow` or `deny`")
	}
	var errs error
	for list, entries := range map[string][]string{"allow": access.Allow, "deny": access.Deny} {
		for index, entry := range entries {
			_, noRange := netip.ParsePrefix(entry)
			_, noAddress := netip.ParseAddr(entry)
			if noRange != nil && noAddress != nil {
				errs = errors.Join(errs, fmt.Errorf("spec.accessControl.%s[%d]: Invalid value: %q: must be a CIDR or IP", list, index, entry))
			}
		}
	}
	return errs
}
