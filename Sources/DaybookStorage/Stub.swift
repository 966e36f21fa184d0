enum Stub {}
import GRDB
