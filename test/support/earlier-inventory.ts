import { earlierInventoryRef } from '../../src/domain/kubernetes/inventory.js';
import { refOf, type ObjectRef } from '../../src/domain/kubernetes/objects.js';

/** The inventory of a namespace as leafspan kept it before parts had one each. */
export const earlierInventory = (namespace: string, objects: readonly ObjectRef[]) => ({
  ...earlierInventoryRef(namespace),
  data: { digest: 'abc', owned: 'def', objects: objects.map((object) => JSON.stringify(refOf(object))).join('\n') },
});
