export { createAddressReader, type ReadAddress } from '../credentials/address.ts'
