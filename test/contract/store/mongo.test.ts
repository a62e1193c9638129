import { openMongoStore } from '../../../src/store/mongo/open-mongo-store';
import { describeWithMongo, dropDatabase, openMongoTestStore, randomDatabase } from '../../support/mongo';
import { storeContract } from './contract';
import type { OpenPlace } from './lifecycle';

describeWithMongo('the store on MongoDB', (uri) => {
  const newPlace: OpenPlace = async () => {
    const database = randomDatabase();
    return {
      open: async (collections) => {
        const store = await openMongoStore({ uri: uri(), database, collections });
        return { store, close: () => store.close() };
      },
      close: () => dropDatabase(uri(), database),
    };
  };
  storeContract((collections) => openMongoTestStore(uri(), collections), newPlace);
});
