import DaybookModel

/// The department's catalogue: every kind of thing that it writes down.
public enum Department {
    public static let catalogue = Catalogue(
        version: 1,
        collections: [
            Organisation.definition, Store.definition, Staff.definition, Product.definition,
            Price.definition, Event.definition, Question.definition, SignUp.definition,
            Answer.definition, Gift.definition, Loan.definition, Movement.definition,
            Count.definition, CountLine.definition, Sale.definition, SaleLine.definition,
            Assignment.definition,
        ],
        reports: [Figures.report, Figures.stock], standing: standing)
}
