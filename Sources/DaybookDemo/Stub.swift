enum Stub {}
import Subprocess
