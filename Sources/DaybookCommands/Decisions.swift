import DaybookModel
import DaybookOperations
import DaybookWords

/// What a person decides on: whatever has stages, by name or id.
public func staged(
    _ text: String, _ find: (String, String) async throws -> [Record]
) async throws -> (Record, CollectionDefinition) {
    for collection in Department.catalogue.collections
    where collection.fields.contains(where: \.isStage) {
        let found = try await find(text, collection.name)
        if !found.isEmpty { return (try only(found, named: text, of: collection), collection) }
    }
    throw UsageFault(Word.usageNoStages.text(text))
}
