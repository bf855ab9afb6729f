// On the server the package reads its files from its own folder, so it is not bundled there.
export default { serverExternalPackages: ['byteflow'] };
