enum Stub {}
import Hummingbird
import AsyncHTTPClient
import ServiceLifecycle
